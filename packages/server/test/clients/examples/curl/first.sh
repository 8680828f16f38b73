muster=http://127.0.0.1:4000/graphql json='content-type: application/json'
curl -sw '\n' $muster -H "$json" -d '{"query": "mutation { publishSupervisor(input: {domainId: \"acme\", name: \"edge-1\", hostname: \"edge-1\"}) { supervisor { id state } } }"}'
curl -sw '\n' $muster -H "$json" -d '{"query": "{ supervisors { totalCount nodes { name state } } }"}'
curl -sN $muster -H "$json" -H 'accept: text/event-stream' -d '{"query": "subscription { watchSupervisors { type supervisor { name state } } }"}'
