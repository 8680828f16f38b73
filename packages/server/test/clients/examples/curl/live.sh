curl -sN "$MUSTER_URL/graphql" -H "authorization: Bearer $MUSTER_TOKEN" \
  -H 'accept: text/event-stream' -H 'content-type: application/json' \
  -d '{"query": "subscription { supervisorStateChanged { at from to supervisor { name } cursor } }"}'
