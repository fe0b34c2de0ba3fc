import { relative } from 'node:path';
import type { SourcePosition, StackTrace } from '@pulumi/pulumi/proto/source_pb.js';
import type { ResourceState } from './state.ts';

/** Any request that tells where in the program it was made. */
interface Positioned {
  getSourceposition(): SourcePosition | undefined;
  getStacktrace(): StackTrace | undefined;
}

/** @returns where a request was made, as the state stores it: relative to the project's directory */
export function positionOf(request: Positioned, root: string): Pick<ResourceState, 'sourcePosition' | 'stackTrace'> {
  const sourcePosition = projectPosition(request.getSourceposition(), root);
  const frames = request.getStacktrace()?.getFramesList() ?? [];
  const stackTrace = frames.map((frame) => {
    const position = projectPosition(frame.getPc(), root);
    return position === undefined ? {} : { sourcePosition: position };
  });
  return { ...(sourcePosition !== undefined && { sourcePosition }), ...(stackTrace.length > 0 && { stackTrace }) };
}

/** @returns `project:///index.ts#12,3`, or nothing for a position that is in no file */
function projectPosition(position: SourcePosition | undefined, root: string): string | undefined {
  const [, path] = /^file:\/\/(\/.*)$/.exec(position?.getUri() ?? '') ?? [];
  if (position === undefined || path === undefined) {
    return undefined;
  }
  const column = position.getColumn() === 0 ? '' : `,${position.getColumn()}`;
  return `project:///${relative(root, path)}#${position.getLine()}${column}`;
}
