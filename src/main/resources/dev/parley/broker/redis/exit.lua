-- Answers whether it was announced: nobody has the user there any more.
if not user or not user.at[ARGV[2]] then
  return 0
end
user.at[ARGV[2]] = nil
if next(user.at) then
  redis.call('HSET', KEYS[2], ARGV[1], cjson.encode(user))
  return 0
end
return announce(user.username, 0, nil)
