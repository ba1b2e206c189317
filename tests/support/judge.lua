-- Tells tshark what the packets of a capture written by judge.rs hold: link types that are free
-- for private use carry one unit each, without any lower layer.
--
--   USER0 (link type 147)  one MTS-APDU (P1)
--   USER1 (link type 148)  one content (P2 or P22)
--   USER2 (link type 149)  one military content (P772)

local function register(link_type, name, description, dissect)
  local proto = Proto(name, description)
  proto.dissector = dissect
  DissectorTable.get("wtap_encap"):add(link_type, proto)
end

register(wtap.USER0, "judge_p1", "One MTS-APDU per packet", function(octets, packet, tree)
  return DissectorTable.get("ber.syntax"):try("P1 Message", octets, packet, tree)
end)

register(wtap.USER1, "judge_p22", "One content per packet", function(octets, packet, tree)
  return Dissector.get("p22"):call(octets, packet, tree)
end)

register(wtap.USER2, "judge_p772", "One military content per packet", function(octets, packet, tree)
  return Dissector.get("p772"):call(octets, packet, tree)
end)
