/** The durable queue of segments: the dispatcher adds to it, DBOS starts what it holds in a process that works. */
import { DBOSClient } from '@dbos-inc/dbos-sdk';
import type { DLogger } from '@dbos-inc/dbos-sdk';
import type { Database, Transaction } from '../platform/database.ts';
import type { Segment } from './segment.ts';
import { RUN_EXECUTION, STACK_QUEUE, segmentWorkflowId } from './segment.ts';

export class SegmentQueue {
  readonly #client: DBOSClient;
  readonly #version: string;

  private constructor(client: DBOSClient, version: string) {
    this.#client = client;
    this.#version = version;
  }

  /** The application and the version of its workflows are those of the processes that work. */
  static async open(
    database: Database,
    { url, application, version, logger }: { url: string; application: string; version: string; logger: DLogger },
  ): Promise<SegmentQueue> {
    const client = await DBOSClient.create({
      systemDatabaseUrl: url,
      systemDatabasePool: database,
      applicationName: application,
      logger,
    });
    return new SegmentQueue(client, version);
  }

  /**
   * Adds a segment, once the transaction is committed; one that has been added already stays as it is.
   * @param ordinal of the execution: the segments of a pipeline run one after the other, in the order of acceptance. The time
   *   of queueing does not determine that order: several may be queued within a millisecond.
   */
  async add(
    transaction: Transaction,
    segment: Segment,
    { pipelineId, ordinal }: { pipelineId: string; ordinal: number },
  ): Promise<void> {
    await this.#client.enqueueInTransaction(
      transaction,
      {
        workflowName: RUN_EXECUTION,
        workflowID: segmentWorkflowId(segment),
        queueName: STACK_QUEUE,
        queuePartitionKey: pipelineId,
        priority: ordinal,
        appVersion: this.#version,
      },
      segment,
    );
  }

  /** Closes no connection: they are the database's. */
  async close(): Promise<void> {
    await this.#client.destroy();
  }
}
