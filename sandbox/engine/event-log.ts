import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { credentials } from '@grpc/grpc-js';
import { EventsClient } from '@pulumi/pulumi/proto/events_grpc_pb.js';
import eventsProto from '@pulumi/pulumi/proto/events_pb.js';
import type { EventListener } from './events.ts';

/**
 * Sends events to where `--event-log` says.
 * @param target `tcp://host:port` of a gRPC `Events` service, or a file that gets one JSON line per event
 */
export function openEventLog(target: string): EventListener {
  return target.startsWith('tcp://') ? grpcLog(target.slice('tcp://'.length)) : fileLog(target);
}

function grpcLog(address: string): EventListener {
  const client = new EventsClient(address, credentials.createInsecure());
  let ended: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    ended = resolve;
  });
  // The reader of the events may have disconnected; that must not fail the operation.
  const stream = client.streamEvents(() => ended());
  stream.on('error', () => ended());
  return {
    onEvent(event) {
      const request = new eventsProto.EventRequest();
      request.setEvent(JSON.stringify(event));
      stream.write(request);
    },
    async close() {
      stream.end();
      await done;
      client.close();
    },
  };
}

function fileLog(file: string): EventListener {
  const stream = createWriteStream(file, { flags: 'a' });
  return {
    onEvent(event) {
      stream.write(`${JSON.stringify(event)}\n`);
    },
    async close() {
      stream.end();
      await once(stream, 'close');
    },
  };
}
