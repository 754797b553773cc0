-- Notes that an incarnation has users in a room, before it enters the first.
--   KEYS 1 rooms of the incarnation
--   ARGV 1 room, 2 ms until records that nobody renews are forgotten
redis.call('HSET', KEYS[1], ARGV[1], '1')
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
