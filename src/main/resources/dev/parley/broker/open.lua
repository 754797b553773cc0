-- A room's head, and the room itself where there was none.
--   KEYS 5 p
-- Answers epoch, head, lineage, members, presence version, whether it is large.
if settled then
  forget()
  keep()
else
  redis.call('PEXPIRE', KEYS[1], ARGV[5])
end
redis.call('PEXPIRE', KEYS[5], ARGV[5])
local presence = redis.call('HMGET', KEYS[1], 'pv', 'lg')
return {epoch, head, lineage, redis.call('HLEN', KEYS[5]), tonumber(presence[1] or '0'),
  tonumber(presence[2] or '0')}
