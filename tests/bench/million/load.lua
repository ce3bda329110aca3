-- What wrk sends. Arguments: the folder of this file, a file of Lua that returns a table: see load.py.
local id, plan
local made = 0

local function pick(list) return list[math.random(#list)] end

local function person(n)
   local d = id(n)
   return d:sub(1, 8) .. "-" .. d:sub(9, 12) .. "-" .. d:sub(13, 16) .. "-" .. d:sub(17, 20) .. "-" .. d:sub(21)
end

local function get(path, token)
   return wrk.format("GET", path, token and { Authorization = "Bearer " .. token } or nil)
end

local function anybody() return plan.users .. "/" .. person(math.random(plan.rows)) end

local kinds = {}

function kinds.W1() return get(anybody(), plan.token) end

function kinds.W2() return get(plan.first_page, plan.token) end

function kinds.W3() return get(plan.next_page, plan.token) end

function kinds.W4() return get(plan.search .. pick(plan.terms), plan.token) end

function kinds.W5()
   made = made + 1
   return wrk.format(
      "PATCH", anybody(), { Authorization = "Bearer " .. plan.writer, ["Content-Type"] = "application/json" },
      string.format('{"bio":"What there is to say, %s.%d"}', plan.round, made)
   )
end

function kinds.preferences()
   local one = pick(plan.people)
   return get(plan.users .. "/" .. person(one.n) .. "/preferences", one.token)
end

function kinds.sessions()
   local one = pick(plan.people)
   return get(plan.users .. "/" .. person(one.n) .. "/sessions", one.token)
end

function kinds.W6()
   local share = math.random(100)
   if share <= 80 then return kinds.W1() end
   if share <= 90 then return kinds.preferences() end
   if share <= 95 then return kinds.W5() end
   if share <= 98 then return kinds.W4() end
   return kinds.sessions()
end

function kinds.W7() return get(plan.health) end

function kinds.W9() return get(plan.users .. "/" .. person(pick(plan.people).n), plan.token) end

function kinds.W8() return get(plan.users .. "/me", pick(plan.people).token) end

function init(args)
   id = dofile(args[1] .. "/id.lua")
   plan = dofile(args[2])
   math.randomseed(plan.seed)
   request = kinds[plan.workload]
end

function done(summary, latency)
   local errors = summary.errors
   io.write(string.format(
      '\n{"requests": %d, "microseconds": %d, "p50": %d, "p99": %d, "bytes": %d, "refused": %d, "lost": %d}\n',
      summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), summary.bytes,
      errors.status, errors.connect + errors.read + errors.write + errors.timeout
   ))
end
