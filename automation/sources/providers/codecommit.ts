/** CodeCommit: events of its branches, which come through EventBridge, and the files of its repositories. */
import type { CodeCommitClient } from '@aws-sdk/client-codecommit';
import { GetBranchCommand, GetFileCommand } from '@aws-sdk/client-codecommit';
import type { AllowedRepository } from '../../config/source-settings.ts';
import type { Deliveries } from '../deliveries.ts';
import type { EventHandler } from '../inbound/queue.ts';
import type { ConfigSource } from '../source.ts';
import { CONFIG_FILE, SourceUnavailable, branchTarget, isCommit } from '../source.ts';

export const REPOSITORY_STATE_CHANGE = 'CodeCommit Repository State Change';

const DEADLINE_MS = 20_000;

export interface CodeCommitEventsDependencies {
  deliveries: Deliveries;
  repositories: readonly AllowedRepository[];
  wake: () => void;
}

/**
 * Keeps pushes to allowed branches. That the event is real is for the queue's policy to see to: it takes messages of our rule alone.
 * @see https://docs.aws.amazon.com/codecommit/latest/userguide/monitoring-events.html
 */
export function onRepositoryStateChange({
  deliveries,
  repositories,
  wake,
}: CodeCommitEventsDependencies): EventHandler {
  return async ({ id, detail }) => {
    const { event, repositoryName, referenceType, referenceName, commitId, callerUserArn } = detail;
    // `referenceDeleted`, and events of comments and pull requests.
    if (event !== 'referenceCreated' && event !== 'referenceUpdated') return;
    const allowed = repositories.find(
      ({ source, repository, branch }) =>
        source === 'codecommit' &&
        referenceType === 'branch' &&
        repository === repositoryName &&
        branch === referenceName,
    );
    if (!allowed) return;
    if (!isCommit(commitId)) throw new Error('the CodeCommit event has no commit');
    const { repository, branch } = allowed;
    const isNew = await deliveries.accept({
      source: 'codecommit',
      deliveryId: id,
      target: branchTarget('codecommit', repository, branch),
      revision: commitId,
      place: { repository, branch, path: CONFIG_FILE },
      ...(typeof callerUserArn === 'string' ? { people: { pushedBy: [callerUserArn.slice(0, 300)] } } : {}),
    });
    if (isNew) wake();
  };
}

export function codecommitSource(client: CodeCommitClient, stopped: AbortSignal): ConfigSource {
  const options = () => ({ abortSignal: AbortSignal.any([stopped, AbortSignal.timeout(DEADLINE_MS)]) });
  return {
    async isNewest({ repository, branch }, revision) {
      const command = new GetBranchCommand({ repositoryName: repository, branchName: branch });
      const answer = await unless('BranchDoesNotExistException', repository, client.send(command, options()));
      return answer?.branch?.commitId === revision;
    },
    async read({ repository, path }, revision) {
      const command = new GetFileCommand({ repositoryName: repository, commitSpecifier: revision, filePath: path });
      return (await unless('FileDoesNotExistException', repository, client.send(command, options())))?.fileContent;
    },
    caller: ({ repository }) => `codecommit:${repository}`,
  };
}

async function unless<T>(absent: string, repository: string, answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    const { name, message } = error as Error;
    if (name === absent) return undefined;
    throw new SourceUnavailable(`CodeCommit's ${repository} cannot be read: ${name}: ${message}`, { cause: error });
  }
}
