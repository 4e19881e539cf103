-- For wrk: METHOD, BODY, and PATHS and HEADERS, one per line, from the environment.
-- Prints a line of JSON with times in microseconds.
local paths = {}
for path in os.getenv("PATHS"):gmatch("[^\n]+") do paths[#paths + 1] = path end
local headers = { ["Accept"] = "application/json" }
for name, value in os.getenv("HEADERS"):gmatch("([^\n:]+): ([^\n]*)") do headers[name] = value end
local body = os.getenv("BODY")
if body == "" then body = nil end

local turn = 0
request = function()
  turn = turn % #paths + 1
  return wrk.format(os.getenv("METHOD"), paths[turn], headers, body)
end

done = function(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  local line = '{"requests": %d, "duration": %d, "p50": %d, "p99": %d, "failed": %d}\n'
  io.write(line:format(summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), failed))
end
