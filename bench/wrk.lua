-- For wrk: METHOD, TOKEN, BODY and PATHS, one on each line, come from the environment.
-- Prints one line of JSON, times in microseconds.
local paths = {}
for path in os.getenv("PATHS"):gmatch("[^\n]+") do paths[#paths + 1] = path end
local body = os.getenv("BODY")
local headers = { ["Accept"] = "application/json", ["X-Forwarded-Proto"] = "https" }
if os.getenv("TOKEN") then headers["Authorization"] = "Bearer " .. os.getenv("TOKEN") end
if body then headers["Content-Type"] = "application/json" end

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
