curl -s "$MUSTER_URL/graphql" -H "authorization: Bearer $MUSTER_TOKEN" -H 'content-type: application/json' -d '{
  "query": "mutation ($input: PreregisterSupervisorInput!) { preregisterSupervisor(input: $input) { supervisor { id state } } }",
  "variables": {"input": {"hostname": "edge-7", "labels": {"env": "prod"}}}
}'
