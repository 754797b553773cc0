-- A page of a room's log, in one step with its epoch.
--   ARGV 6 offset to begin with, 7 entries at most, 8 bytes after which the page ends
-- Answers epoch, head, oldest offset kept, offset of the first entry, entries.
if settled then
  forget()
  keep()
end
local oldest = math.max(trim(clock()), head - ARGV[3] + 1)
local from = math.max(tonumber(ARGV[6]), oldest)
local limit, room = tonumber(ARGV[7]), tonumber(ARGV[8])
local answer = {epoch, head, oldest, from}
local next = from
while limit > 0 and room > 0 do
  local entries = redis.call('XRANGE', KEYS[2], text(next), '+', 'COUNT', math.min(limit, 16))
  for i = 1, #entries do
    local offset = offsetOf(entries[i])
    local bytes = entries[i][2][2]
    -- The page has no holes: what stands behind one is read by the next call.
    if offset ~= next and next > from then
      return answer
    end
    if offset ~= next then
      next = offset
      answer[4] = offset
    end
    room = room - #bytes
    if room < 0 and #answer > 4 then
      return answer
    end
    answer[#answer + 1] = bytes
    next = next + 1
    limit = limit - 1
  end
  if #entries < 16 then
    return answer
  end
end
return answer
