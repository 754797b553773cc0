-- Calls, with no effect that stays, every command that the other scripts call, or that is called on
-- what they wrote, and fails where an ACL forbids some of them: better when the service starts than
-- when somebody joins a room.
--   KEYS 1 a key like those of rooms, of no room
--   ARGV 1 a channel like those of rooms, of no room
local key = KEYS[1]
local calls = {
  {'HGET', key, 'f'}, {'HMGET', key, 'f'}, {'HEXISTS', key, 'f'}, {'HLEN', key}, {'HSCAN', key, '0'},
  {'HGETALL', key}, {'HRANDFIELD', key, '1'}, {'PTTL', key},
  {'XRANGE', key, '-', '+'}, {'XREVRANGE', key, '+', '-'},
  {'ZRANGEBYSCORE', key, '0', '0'}, {'ZREVRANGE', key, '0', '0'},
  {'TIME'}, {'INFO', 'replication'}, {'PUBLISH', ARGV[1], ''},
  {'XADD', key, 'NOMKSTREAM', '*', 'f', 'v'}, {'XDEL', key, '1-0'}, {'XTRIM', key, 'MAXLEN', '0'},
  {'ZADD', key, 'XX', '0', 'm'}, {'ZREMRANGEBYSCORE', key, '0', '0'}, {'ZSCORE', key, 'm'},
  {'ZCARD', key}, {'ZREMRANGEBYRANK', key, '0', '0'},
  {'HSET', key, 'f', '0'}, {'HINCRBY', key, 'f', '1'}, {'HDEL', key, 'f'}, {'PEXPIRE', key, '1'},
  {'UNLINK', key},
}

-- Only what the ACL says counts: a server that is full, say, still serves what it has.
local function forbidden(answer)
  local text = type(answer) == 'table' and answer.err
  return text and (string.find(text, 'NOPERM', 1, true) or string.find(text, 'ACL failure', 1, true)
    or string.find(text, 'The user executing the script', 1, true))
end

local missing = {}
for _, call in ipairs(calls) do
  if forbidden(redis.pcall(unpack(call))) then
    missing[#missing + 1] = call[1]
  end
end
if #missing > 0 then
  return redis.error_reply('NOPERM in scripts, on ' .. key .. ' and channel ' .. ARGV[1] .. ': '
    .. table.concat(missing, ' '))
end
return {}
