-- What sysbench asks MariaDB: the service's statements, prepared. The plan is made by limits.py.
sysbench.cmdline.options = {
   plan = { "File of Lua that returns the statements", "" },
   here = { "Folder of this file", "." },
}

local bytes = 255

function thread_init()
   id = dofile(sysbench.opt.here .. "/id.lua")
   plan = dofile(sysbench.opt.plan)
   connection = sysbench.sql.driver():connect()
   for _, one in ipairs(plan.statements) do
      one.prepared = connection:prepare(one.sql)
      one.bound = {}
      for place = 1, #one.names do
         one.bound[place] = one.prepared:bind_create(sysbench.sql.type.VARCHAR, bytes)
      end
      if #one.names > 0 then one.prepared:bind_param(unpack(one.bound)) end
   end
end

local value = {}

function value.id() return id(n) end

function value.user() return "u" .. n end

function value.text() return plan.terms[sysbench.rand.uniform(1, #plan.terms)] end

function value.bio() return "What there is to say, " .. sysbench.rand.uniform(1, 1000000000) end

function value.at() return plan.at end

function value.last() return plan.last end

function event()
   local share = sysbench.rand.uniform(1, 100)
   for _, one in ipairs(plan.statements) do
      share = share - one.weight
      if share <= 0 then
         n = sysbench.rand.uniform(1, one.people)
         for place, name in ipairs(one.names) do one.bound[place]:set(value[name]()) end
         one.prepared:execute()
         return
      end
   end
end

function thread_done()
   for _, one in ipairs(plan.statements) do one.prepared:close() end
   connection:disconnect()
end
