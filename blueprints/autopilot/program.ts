/** Request → component: what the stack of an Autopilot pipeline is made of. */
import { trainingProgram } from '../training/training-program.ts';
import { Autopilot } from './component.ts';
import type { AutopilotRequest } from './job.ts';
import { JOB_NAME_LIMIT, autopilotJob } from './job.ts';

export const program = trainingProgram<AutopilotRequest>({
  component: Autopilot,
  suffix: 'autopilot',
  jobNameLimit: JOB_NAME_LIMIT,
  // Autopilot picks its images itself.
  job: (request, _image, assetsBucket) => autopilotJob(request, assetsBucket),
  outputPrefix: 'Autopilot',
});
