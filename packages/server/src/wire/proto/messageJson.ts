/** A protobuf message as JSON, by the names of the .proto files. A field that was left out is absent. */
export type MessageJson = Readonly<Record<string, unknown>>;
