/**
 * Protobuf messages as tables of their fields. Generated messages have a getter and a setter for each field; a table names a
 * field once, and both ends of a service read and write it.
 */
import type { Message } from 'google-protobuf';
import type { Struct } from 'google-protobuf/google/protobuf/struct_pb.js';
import structProto from 'google-protobuf/google/protobuf/struct_pb.js';
import type { Properties } from './provider.ts';

/** One value within a message. */
export interface Field<T> {
  read(message: Message): T;
  write(message: Message, value: T): void;
}

/** A whole message. */
export interface Codec<T> {
  read(message: Message): T;
  /** What is undefined is not written. */
  write(value: T): Message;
}

export type Fields<T> = { [Key in keyof T]-?: Field<T[Key]> };

export function codec<T extends object>(create: new () => Message, fields: Fields<T>): Codec<T> {
  const entries = Object.entries(fields) as [keyof T, Field<T[keyof T]>][];
  return {
    read: (message) => {
      const values = entries.map(([key, field]) => [key, field.read(message)] as const);
      return Object.fromEntries(values.filter(([, value]) => value !== undefined)) as T;
    },
    write: (value) => {
      const message = new create();
      entries.filter(([key]) => value[key] !== undefined).forEach(([key, field]) => field.write(message, value[key]));
      return message;
    },
  };
}

/** Calls a method of generated code by its name, such as `getUrn`. */
export function accessed(generated: object, method: string, ...values: unknown[]): unknown {
  return (generated as Record<string, (...values: unknown[]) => unknown>)[method]?.(...values);
}

/** A text, a number, a boolean, bytes. @param name as in the generated accessors: `Urn` for `getUrn` and `setUrn` */
export function plain<T>(name: string): Field<T> {
  return {
    read: (message) => accessed(message, `get${name}`) as T,
    write: (message, value) => accessed(message, `set${name}`, value),
  };
}

export function list<T>(name: string): Field<T[]> {
  return plain<T[]>(`${name}List`);
}

/** Properties; an absent struct is an empty one, since senders leave out empty ones. */
export function struct(name: string): Field<Properties> {
  const { read, write } = optionalStruct(name);
  return { read: (message) => read(message) ?? {}, write };
}

export function optionalStruct(name: string): Field<Properties | undefined> {
  const { read, write } = plain<Struct | undefined>(name);
  return {
    read: (message) => {
      const found = read(message);
      return found && toProperties(found);
    },
    write: (message, value) => write(message, value && toStruct(value)),
  };
}

export function listOf<T>(name: string, { read, write }: Codec<T>): Field<T[]> {
  const messages = list<Message>(name);
  return {
    read: (message) => messages.read(message).map(read),
    write: (message, values) => messages.write(message, values.map(write)),
  };
}

interface MessageMap<T> {
  entries(): Iterable<[string, T]>;
  set(key: string, value: T): unknown;
}

export function map<T>(name: string): Field<Record<string, T>> {
  const entries = plain<MessageMap<T>>(`${name}Map`);
  return {
    read: (message) => Object.fromEntries(entries.read(message).entries()),
    write: (message, values) => {
      Object.entries(values).forEach(([key, value]) => entries.read(message).set(key, value));
    },
  };
}

export function mapOf<T>(name: string, codec: Codec<T>): Field<Record<string, T>> {
  const { read, write } = map<Message>(name);
  const each = <From, To>(values: Record<string, From>, change: (value: From) => To): Record<string, To> =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));
  return {
    read: (message) => each(read(message), codec.read),
    write: (message, values) => write(message, each(values, codec.write)),
  };
}

export function toProperties(struct: Struct | undefined): Properties {
  return (struct?.toJavaScript() ?? {}) as Properties;
}

export function toStruct(properties: Properties): Struct {
  return structProto.Struct.fromJavaScript(properties as Record<string, structProto.JavaScriptValue>);
}
