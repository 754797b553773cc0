-- Messages of a room's log, in one step with its epoch, without those that were deleted: the stream
-- does not have them.
--   ARGV 6 offset to begin with, 7 whether to go on to older ones, 8 messages at most, 9 bytes after
--        which the page ends
-- Answers epoch, whether there are more, the offsets in 8 bytes each, 0, the entries.
if settled then
  forget()
  keep()
end
local oldest = math.max(trim(clock()), head - ARGV[3] + 1)
local from, older = tonumber(ARGV[6]), ARGV[7] == '1'
local limit, room = tonumber(ARGV[8]), tonumber(ARGV[9])
local offsets = {}
local answer = {epoch, 0, '', 0}

local function piece()
  if older then
    return redis.call('XREVRANGE', KEYS[2], text(math.min(from, head)), text(oldest), 'COUNT', 16)
  end
  return redis.call('XRANGE', KEYS[2], text(math.max(from, oldest)), '+', 'COUNT', 16)
end

repeat
  local entries = piece()
  for i = 1, #entries do
    local bytes = entries[i][2][2]
    room = room - #bytes
    if #offsets == limit or (room < 0 and #offsets > 0) then
      answer[2] = 1
      break
    end
    local offset = offsetOf(entries[i])
    offsets[#offsets + 1] = struct.pack('>I8', offset)
    answer[#answer + 1] = bytes
    from = older and offset - 1 or offset + 1
  end
until answer[2] == 1 or #entries < 16
answer[3] = table.concat(offsets)
return answer
