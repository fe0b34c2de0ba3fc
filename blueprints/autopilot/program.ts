/** Request → component: the stack of an Autopilot pipeline. */
import { trainingProgram } from '../training/training-program.ts';
import { Autopilot } from './component.ts';
import type { AutopilotRequest } from './job.ts';
import { AUTOPILOT_NAMES, autopilotJob } from './job.ts';

export const program = trainingProgram<AutopilotRequest>({
  component: Autopilot,
  names: AUTOPILOT_NAMES,
  // Autopilot picks its images itself.
  job: (request, _image, assetsBucket) => autopilotJob(request, assetsBucket),
  outputPrefix: 'Autopilot',
});
