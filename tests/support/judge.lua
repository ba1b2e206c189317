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

-- What RFC 2156 and RFC 2157 add to X.420 and Wireshark does not know. Small dissectors of our own reading of the RFCs, so
-- that a value nobody can read is still told apart from one that only Wireshark cannot.

local mixer = Proto("judge_mixer", "MIXER")
mixer.fields.field = ProtoField.string("judge_mixer.field", "RFC822Field")
mixer.fields.subtype = ProtoField.string("judge_mixer.subtype", "Multipart subtype")
mixer.experts.malformed =
  ProtoExpert.new("judge_mixer.malformed", "malformed MIXER value", expert.group.MALFORMED, expert.severity.ERROR)

-- The elements in some octets: {tag, contents} each, or nil where they do not fill the octets. Definite lengths only, as
-- we write them.
local function elements(octets)
  local found, place = {}, 0
  while place < octets:len() do
    if place + 2 > octets:len() then return nil end
    local tag, length, header = octets(place, 1):uint(), octets(place + 1, 1):uint(), 2
    if length >= 0x80 then
      local size = length - 0x80
      if size < 1 or size > 3 or place + 2 + size > octets:len() then return nil end
      length, header = octets(place + 2, size):uint(), 2 + size
    end
    if place + header + length > octets:len() then return nil end
    local contents = length > 0 and octets(place + header, length):tvb() or ByteArray.new():tvb("empty")
    found[#found + 1] = { tag = tag, contents = contents, length = length }
    place = place + header + length
  end
  return found
end

local SEQUENCE, IA5_STRING, BOOLEAN = 0x30, 0x16, 0x01

local function register_oid(oid, name, reads)
  local proto = Proto("judge_oid_" .. oid:gsub("%.", "_"), name)
  proto.dissector = function(octets, packet, tree)
    local outer = elements(octets)
    local inner = outer and #outer == 1 and outer[1].tag == SEQUENCE
      and (outer[1].length == 0 and {} or elements(outer[1].contents))
    if not inner or not reads(inner, tree) then
      tree:add_proto_expert_info(mixer.experts.malformed, name .. " cannot be read")
    end
    return octets:len()
  end
  DissectorTable.get("ber.oid"):add(oid, proto)
end

-- rfc-822-field (RFC 2156 Appendix D): SEQUENCE OF IA5String
register_oid("1.3.6.1.7.1.3.2", "rfc-822-field", function(fields, tree)
  for _, field in ipairs(fields) do
    if field.tag ~= IA5_STRING then return false end
    tree:add(mixer.fields.field, field.contents(), field.length > 0 and field.contents():string() or "")
  end
  return true
end)

-- multipart-message (RFC 2157 6.6): SEQUENCE { subtype IA5String, isAMessage BOOLEAN DEFAULT TRUE }
register_oid("1.3.6.1.7.1.1.3", "multipart-message", function(members, tree)
  if #members < 1 or #members > 2 or members[1].tag ~= IA5_STRING then return false end
  if members[2] and (members[2].tag ~= BOOLEAN or members[2].length ~= 1) then return false end
  tree:add(mixer.fields.subtype, members[1].contents(), members[1].contents():string())
  return true
end)
