grpcurl -plaintext "$MUSTER_GRPC" list
grpcurl -plaintext -H "token: $MUSTER_TOKEN" -d '{"query": {"page": {"limit": 10}}}' "$MUSTER_GRPC" spaceone.api.plugin.v1.Supervisor/list
