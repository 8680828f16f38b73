query='subscription ($after: Cursor) { pluginStateChanged(after: $after) { cursor from to plugin { id } } }'
touch cursor
while sleep 1; do
  after=$(cat cursor)
  curl -sN "$MUSTER_URL/graphql" -H "authorization: Bearer $MUSTER_TOKEN" \
    -H 'accept: text/event-stream' -H 'content-type: application/json' \
    -d "{\"query\": \"$query\", \"variables\": {\"after\": ${after:-null}}}" |
    while IFS= read -r line; do
      case $line in
        'data: {"errors"'*) echo "$line" >&2 ;;
        'data: {'*)
          echo "${line#data: }"
          echo "$line" | sed 's/.*"cursor":\("[^"]*"\).*/\1/' > cursor
          ;;
      esac
    done
done
