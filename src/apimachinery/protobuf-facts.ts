/** A field of a message, as generated from the Go types. */
export interface ProtobufFieldFacts {
  /** The JSON name; fields of an inlined message and of schema unions have none. */
  readonly json?: string;
  /** The protobuf name where there is no JSON name. */
  readonly name?: string;
  readonly num: number;
  /** `string`, `bytes`, `bool`, `int32`, `int64`, `float64`, or the name of a message. */
  readonly type: string;
  readonly repeated?: boolean;
  /** A map with keys of this type; its entries are messages of key 1 and value 2. */
  readonly mapKey?: string;
  readonly pointer?: boolean;
  readonly omitempty?: boolean;
  /** The message's fields stand in the JSON object of the message around it. */
  readonly inline?: boolean;
}

/** A message: its fields in the order of its JSON, or the type of the items of which its JSON is a bare list. */
export interface ProtobufMessageFacts {
  readonly fields?: readonly ProtobufFieldFacts[];
  readonly items?: string;
}

/** All messages by their full names. */
export interface ProtobufMessages {
  readonly messages: Readonly<Record<string, ProtobufMessageFacts>>;
}
