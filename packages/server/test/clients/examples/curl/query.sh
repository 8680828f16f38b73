curl -s "$MUSTER_URL/graphql" -H "authorization: Bearer $MUSTER_TOKEN" -H 'content-type: application/json' \
  -d '{"query": "{ supervisors(first: 10) { totalCount nodes { id name state } } }"}'
