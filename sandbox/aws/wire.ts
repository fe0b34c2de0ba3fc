/** Between properties in wire form and the protobuf messages of the `ResourceProvider` service. */
import { Metadata, status } from '@grpc/grpc-js';
import type { StatusObject } from '@grpc/grpc-js';
import protobufAny from 'google-protobuf/google/protobuf/any_pb.js';
import protobufStruct from 'google-protobuf/google/protobuf/struct_pb.js';
import type { Struct, Value } from 'google-protobuf/google/protobuf/struct_pb.js';
import providerMessages from '@pulumi/pulumi/proto/provider_pb.js';
import type { CheckFailure as CheckFailureMessage, DiffResponse } from '@pulumi/pulumi/proto/provider_pb.js';
import statusMessages from '@pulumi/pulumi/proto/status_pb.js';
import type { CheckFailure, DiffKind, DiffResult, Properties, Property } from '../provider.ts';
import { ProviderError } from '../provider.ts';

/** An absent struct is an empty one: the engine leaves empty ones out. */
export function fromStruct(struct: Struct | undefined): Properties {
  const properties: Properties = {};
  struct?.getFieldsMap().forEach((value: Value, key: string) => {
    properties[key] = fromValue(value);
  });
  return properties;
}

function fromValue(value: Value): Property {
  const { KindCase } = protobufStruct.Value;
  switch (value.getKindCase()) {
    case KindCase.BOOL_VALUE:
      return value.getBoolValue();
    case KindCase.NUMBER_VALUE:
      return value.getNumberValue();
    case KindCase.STRING_VALUE:
      return value.getStringValue();
    case KindCase.LIST_VALUE:
      return (value.getListValue()?.getValuesList() ?? []).map(fromValue);
    case KindCase.STRUCT_VALUE:
      return fromStruct(value.getStructValue());
    default:
      return null;
  }
}

export function toStruct(properties: Properties): Struct {
  const struct = new protobufStruct.Struct();
  for (const [key, value] of Object.entries(properties)) {
    // What is undefined is not there; the protobuf library would refuse it.
    if (value !== undefined) struct.getFieldsMap().set(key, toValue(value));
  }
  return struct;
}

function toValue(property: Property): Value {
  const value = new protobufStruct.Value();
  if (property === null || property === undefined) value.setNullValue(protobufStruct.NullValue.NULL_VALUE);
  else if (typeof property === 'boolean') value.setBoolValue(property);
  else if (typeof property === 'number') value.setNumberValue(property);
  else if (typeof property === 'string') value.setStringValue(property);
  else if (Array.isArray(property)) {
    const list = new protobufStruct.ListValue();
    list.setValuesList(property.map(toValue));
    value.setListValue(list);
  } else value.setStructValue(toStruct(property));
  return value;
}

export function toFailures(failures: readonly CheckFailure[]): CheckFailureMessage[] {
  return failures.map(({ property, reason }) => {
    const message = new providerMessages.CheckFailure();
    message.setProperty(property);
    message.setReason(reason);
    return message;
  });
}

export function toDiffResponse(diff: DiffResult): DiffResponse {
  const { DiffChanges } = providerMessages.DiffResponse;
  const { Kind } = providerMessages.PropertyDiff;
  const kinds: Record<DiffKind, number> = {
    add: Kind.ADD,
    'add-replace': Kind.ADD_REPLACE,
    delete: Kind.DELETE,
    'delete-replace': Kind.DELETE_REPLACE,
    update: Kind.UPDATE,
    'update-replace': Kind.UPDATE_REPLACE,
  };
  const changes = { none: DiffChanges.DIFF_NONE, some: DiffChanges.DIFF_SOME, unknown: DiffChanges.DIFF_UNKNOWN };
  const response = new providerMessages.DiffResponse();
  response.setChanges(changes[diff.changes]);
  response.setDiffsList(diff.diffs ?? []);
  response.setReplacesList(diff.replaces ?? []);
  response.setStablesList(diff.stables ?? []);
  response.setDeletebeforereplace(diff.deleteBeforeReplace ?? false);
  for (const [path, { kind, inputDiff }] of Object.entries(diff.detailedDiff ?? {})) {
    const message = new providerMessages.PropertyDiff();
    message.setKind(kinds[kind]);
    message.setInputdiff(inputDiff);
    response.getDetaileddiffMap().set(path, message);
  }
  response.setHasdetaileddiff(diff.detailedDiff !== undefined);
  return response;
}

/**
 * The error that the engine understands. Of a resource that exists all the same, its id, outputs and the reasons travel
 * in gRPC's status details.
 * @see https://grpc.io/docs/guides/error/#richer-error-model
 */
export function toServiceError(error: unknown): Partial<StatusObject> {
  const message = error instanceof Error ? error.message : String(error);
  const metadata = new Metadata();
  const code = error instanceof ProviderError ? error.code : status.UNKNOWN;
  if (error instanceof ProviderError && error.partial) {
    const { id, properties, inputs, reasons } = error.partial;
    const failed = new providerMessages.ErrorResourceInitFailed();
    failed.setId(id);
    failed.setProperties(toStruct(properties));
    if (inputs) failed.setInputs(toStruct(inputs));
    failed.setReasonsList(reasons);
    const detail = new protobufAny.Any();
    detail.pack(failed.serializeBinary(), 'pulumirpc.ErrorResourceInitFailed');
    const details = new statusMessages.Status();
    details.setCode(code);
    details.setMessage(message);
    details.addDetails(detail);
    metadata.add('grpc-status-details-bin', Buffer.from(details.serializeBinary()));
  }
  return { code, details: message, metadata };
}
