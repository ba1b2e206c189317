-- Tells tshark what the packets of a capture written by judge.rs hold: the two link types that are free
-- for private use carry one unit each, without any lower layer.
--
--   USER0 (link type 147)  one MTS-APDU (P1)
--   USER1 (link type 148)  one content (P2 or P22)

local mts_apdu = Proto("judge_p1", "One MTS-APDU per packet")

function mts_apdu.dissector(octets, packet, tree)
  return DissectorTable.get("ber.syntax"):try("P1 Message", octets, packet, tree)
end

local content = Proto("judge_p22", "One content per packet")

function content.dissector(octets, packet, tree)
  return Dissector.get("p22"):call(octets, packet, tree)
end

local link_types = DissectorTable.get("wtap_encap")
link_types:add(wtap.USER0, mts_apdu)
link_types:add(wtap.USER1, content)
