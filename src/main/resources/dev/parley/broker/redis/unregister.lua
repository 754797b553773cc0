-- An incarnation has nobody in a room any more.
--   KEYS 1 rooms of the incarnation
--   ARGV 1 room
return redis.call('HDEL', KEYS[1], ARGV[1])
