/** How the result of a delivery is reported: a commit status, and a notification of failures. */
import { counted } from '../notifications/wording.ts';
import type { ConfigFault } from './config-file.ts';
import type { Delivery, RequestResult } from './deliveries.ts';
import { CONFIG_FILE, STATUS_TEXT_LENGTH } from './source.ts';

export interface Notice {
  kind: string;
  /** One line. */
  subject: string;
  message: string;
  pipelineId?: string;
  data?: Record<string, unknown>;
}

/** Tells people; may be called again with the same after a crash. */
export type Notify = (notice: Notice) => Promise<void>;

const KIND = 'configuration';
/** A list of a hundred requests may have thousands of faults; the first ones are enough to begin with. */
const MAX_FAULTS_REPORTED = 100;

/** The file has faults. @param taken how many requests were provisioned all the same */
export function faultsNotice(delivery: Delivery, faults: readonly ConfigFault[], taken: number): Notice {
  const what = taken > 0 ? `${counted(taken, 'request')} of it provisioned` : 'nothing was provisioned';
  const lines = faults.slice(0, MAX_FAULTS_REPORTED).map((fault) => `- ${faultLine(fault)}`);
  const rest = faults.length > MAX_FAULTS_REPORTED ? [`- and ${faults.length - MAX_FAULTS_REPORTED} more`] : [];
  return {
    kind: KIND,
    subject: `${CONFIG_FILE} of ${delivery.target}: ${counted(faults.length, 'fault')}`,
    message: [
      `${CONFIG_FILE} of ${delivery.target} at ${delivery.revision} has ${counted(faults.length, 'fault')}; ${what}.`,
      ...lines,
      ...rest,
    ].join('\n'),
    data: { ...about(delivery), faults: faults.slice(0, MAX_FAULTS_REPORTED) },
  };
}

/** Requests that are valid were refused, such as those of a type that this version cannot carry out. */
export function refusedNotice(delivery: Delivery, results: readonly RequestResult[]): Notice {
  const refused = results.filter((result) => result.refused);
  return {
    kind: KIND,
    subject: `${CONFIG_FILE} of ${delivery.target}: ${counted(refused.length, 'request')} refused`,
    message: [
      `${CONFIG_FILE} of ${delivery.target} at ${delivery.revision}: ${counted(refused.length, 'request')} of ${results.length} were refused:`,
      ...refused.map(({ index, pipelineId, message }) => `- request ${index} (${pipelineId}): ${message}`),
    ].join('\n'),
    data: { ...about(delivery), results },
  };
}

/** The source could not be read. @param final it is not tried again */
export function unreadableNotice(delivery: Delivery, reason: string, final: boolean): Notice {
  return {
    kind: KIND,
    subject: `${CONFIG_FILE} of ${delivery.target} ${final ? 'was not' : 'cannot be'} provisioned`,
    message: `${CONFIG_FILE} of ${delivery.target} at ${delivery.revision} ${final ? 'has failed' : 'will be retried'}: ${reason}`,
    data: { ...about(delivery), final },
  };
}

/** Notification for a remote that cannot be polled. */
export function pollNotice(target: string, failures: number, reason: string): Notice {
  return {
    kind: KIND,
    subject: `${target} cannot be polled`,
    message: `The newest commit of ${target} could not be read ${failures} times in a row; polling continues. ${reason}`,
    data: { target, failures },
  };
}

/** One line for a commit status, cut to what every provider takes. */
export function statusText(text: string): string {
  return text.length <= STATUS_TEXT_LENGTH ? text : `${text.slice(0, STATUS_TEXT_LENGTH - 1)}…`;
}

/** The first fault in full, and how many there are. */
export function faultsText(faults: readonly ConfigFault[]): string {
  const [first] = faults;
  return first ? `${counted(faults.length, 'fault')}: ${faultLine(first)}` : '';
}

function faultLine({ index, pointer, message }: ConfigFault): string {
  return `${index === undefined ? '' : `request ${index}, `}${pointer || 'the file'} ${message}`;
}

function about({ source, target, revision, deliveryId }: Delivery): Record<string, unknown> {
  return { source, target, revision, deliveryId };
}
