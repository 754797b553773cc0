-- How long a room's m and p live. Opening a name makes a room, so until its first message it lives
-- briefly: else names that anybody makes up would fill Redis. Instances that have it open open it
-- again meanwhile.
local UNUSED = 600000

local function life(head, idle)
  return head > 0 and idle or UNUSED
end
