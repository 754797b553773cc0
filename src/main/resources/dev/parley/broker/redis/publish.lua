-- Adds a batch of messages to a room's log and puts it on the bus: all that can fail comes before
-- the first XADD, since what a script wrote before an error stays written.
--   ARGV 6 channel, 7 bytes to keep, 8 count, then for each message: entry, dedup field ('' without an id),
--        8 bytes of timestamp with 4 of content hash
-- Answers epoch, first new offset, then for each message that was not added its index and the
-- first publication's 8 bytes of offset with 8 of timestamp, '' where the content differs.
local PERIOD = 300000
local most, count = tonumber(ARGV[7]), tonumber(ARGV[8])
local now = clock()

local asked = {'period', 'end'}
for i = 1, count do
  local id = ARGV[3 * i + 7]
  if id ~= '' then
    asked[#asked + 1] = id
  end
end

local known = {}
local held = {}
-- The period goes on from that of the newer hash and is never an older one, whatever the clock says.
local period = math.floor(now / PERIOD)
local ends = (period + 1) * PERIOD
local again = false
if #asked > 2 and not lost then
  local found = {
    [0] = redis.call('HMGET', KEYS[3], unpack(asked)),
    [1] = redis.call('HMGET', KEYS[4], unpack(asked)),
  }
  held[0], held[1] = tonumber(found[0][1] or '-1'), tonumber(found[1][1] or '-1')
  local newer = math.max(held[0], held[1])
  if newer >= 0 then
    local due = tonumber(found[newer % 2][2]) or (newer + 1) * PERIOD
    if now < due - PERIOD then
      -- The clock was set back: the period begins again, so its ids live a whole one at least.
      period, ends, again = newer, now + PERIOD, true
    elseif now < due then
      period, ends = newer, due
    elseif now < due + PERIOD then
      period, ends = newer + 1, due + PERIOD
    else
      period = math.max(period, newer + 2)
    end
  end
  for age = 0, 1 do
    local place = (period - age) % 2
    if held[place] == period - age then
      for i = 3, #asked do
        known[asked[i]] = known[asked[i]] or found[place][i] or nil
      end
    end
  end
end

local answer = {epoch, head + 1}
local first = head + 1
local added = {}
local remembered = {}
for i = 1, count do
  local id, stamp = ARGV[3 * i + 7], ARGV[3 * i + 8]
  local before = known[id]
  if before then
    answer[#answer + 1] = i
    answer[#answer + 1] =
      string.sub(before, 17) == string.sub(stamp, 9) and string.sub(before, 1, 16) or ''
  else
    head = head + 1
    added[#added + 1] = ARGV[3 * i + 6]
    if id ~= '' then
      known[id] = struct.pack('>I8', head) .. stamp
      remembered[#remembered + 1] = id
      remembered[#remembered + 1] = known[id]
    end
  end
end

if #added == 0 then
  if settled then
    forget()
    keep()
  end
  return answer
end

forget()
local ids = KEYS[3 + period % 2]
local rotates = #remembered > 0 and held[period % 2] ~= period
if rotates then
  claim()
  redis.call('UNLINK', ids)
  redis.call('HSET', ids, 'period', text(period), 'end', text(ends))
  redis.call('PEXPIRE', ids, 2 * PERIOD)
end
for i = 1, #added do
  local id = text(first + i - 1) .. '-0'
  local fields = {'f', added[i], 't', text(now), 'c', text(total)}
  total = total + #added[i]
  if i < #added then
    redis.call('XADD', KEYS[2], id, unpack(fields))
  else
    local exact = ARGV[3] == '0' and '=' or '~'
    redis.call('XADD', KEYS[2], 'MAXLEN', exact, ARGV[3], id, unpack(fields))
  end
end
if total - trimmed > most then
  trimBytes(most, #added[#added])
end
-- Nothing is due later than the retention says: the clock was ahead when it was stored.
if now >= trimAt or trimAt > now + ARGV[4] then
  trim(now)
end
redis.call('PEXPIRE', KEYS[2], ARGV[4])

if #remembered > 0 then
  if again then
    redis.call('HSET', ids, 'end', text(ends))
  end
  redis.call('HSET', ids, unpack(remembered))
  redis.call('PEXPIRE', ids, 2 * PERIOD)
end
keep()

local payload = {struct.pack('>BB', 1, 1), epoch, struct.pack('>I8I2', first, #added)}
for i = 1, #added do
  payload[#payload + 1] = struct.pack('>I4', #added[i])
  payload[#payload + 1] = added[i]
end
-- A refusal here must not make an accepted batch look refused: subscribers find the hole.
redis.pcall('PUBLISH', ARGV[6], table.concat(payload))
return answer
