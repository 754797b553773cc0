-- A page of a room's log, in one step with its epoch.
--   ARGV 6 offset to begin with, 7 entries at most, 8 bytes after which the page ends
-- Answers epoch, head, oldest offset kept, offset of the first entry, entries; an empty one is a
-- message that was deleted.
if settled then
  forget()
  keep()
end
local oldest = oldestKept(clock())
local from = math.max(tonumber(ARGV[6]), oldest)
local limit, room = tonumber(ARGV[7]), tonumber(ARGV[8])
local answer = {epoch, head, oldest, from}
local next = from

-- Puts in what was deleted up to this offset; false where the page ends before it.
local function deletedUntil(offset)
  if next < offset and limit > 0 then
    for _, member in ipairs(tombstones(next, offset - 1, limit)) do
      if tombstone(member) ~= next or limit == 0 then
        break
      end
      answer[#answer + 1] = ''
      next = next + 1
      limit = limit - 1
    end
  end
  return next == offset
end

while limit > 0 and room > 0 do
  local entries = redis.call('XRANGE', KEYS[2], text(next), '+', 'COUNT', math.min(limit, 16))
  for i = 1, #entries do
    local offset = offsetOf(entries[i])
    local bytes = entries[i][2][2]
    -- The page has no holes: what stands behind one is read by the next call.
    if not deletedUntil(offset) then
      if next > from or limit == 0 then
        return answer
      end
      next = offset
      answer[4] = offset
    end
    room = room - #bytes
    if limit == 0 or (room < 0 and #answer > 4) then
      return answer
    end
    answer[#answer + 1] = bytes
    next = next + 1
    limit = limit - 1
  end
  if #entries < 16 then
    deletedUntil(head + 1)
    return answer
  end
end
return answer
