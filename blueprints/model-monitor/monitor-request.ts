/** The keys of a monitor's request for one environment, after validation, and what can be derived from them alone. */
import { createHash } from 'node:crypto';
import { shortName } from '../shared/aws/physical-name.ts';

export type MonitorKind = 'data_quality' | 'model_quality' | 'model_bias' | 'model_explainability';
export type ProblemType = 'Regression' | 'BinaryClassification' | 'MulticlassClassification';

export interface MonitorRequest {
  model_name: string;
  endpoint_name: string;
  baseline_data: string;
  baseline_job_output_location: string;
  data_capture_location: string;
  monitoring_output_location: string;
  schedule_expression: string;
  monitor_max_runtime_seconds: number;
  instance_type: string;
  instance_volume_size: number;
  baseline_max_runtime_seconds?: number;
  kms_key_arn?: string;
  problem_type?: ProblemType;
  monitor_inference_attribute?: string;
  monitor_probability_attribute?: string;
  probability_threshold_attribute?: number;
  features_attribute?: string;
  baseline_ground_truth_attribute?: string;
  baseline_probability_attribute?: string;
  baseline_inference_attribute?: string;
  monitor_ground_truth_input?: string;
  bias_config?: BiasConfig;
  model_predicted_label_config?: PredictedLabelConfig;
  shap_config?: ShapConfig;
  model_scores?: string | number;
}

type Value = string | number | boolean;

export interface BiasConfig {
  label_values_or_threshold: Value | Value[];
  facet_name: Value | Value[];
  facet_values_or_threshold?: Value | (Value | Value[] | null)[] | null;
  group_name?: string | null;
}

export interface PredictedLabelConfig {
  label?: Value | null;
  probability?: Value | null;
  probability_threshold?: number | null;
  label_headers?: string[] | null;
}

export interface ShapConfig {
  baseline?: string | unknown[][];
  num_samples?: number;
  agg_method?: string;
  use_logit: boolean;
  save_local_shap_values: boolean;
  seed?: number;
  num_clusters?: number;
  features_to_explain?: (string | number)[];
}

/** As the original named them, in names. */
const SHORT_KIND: Record<MonitorKind, string> = {
  data_quality: 'dataquality',
  model_quality: 'modelquality',
  model_bias: 'modelbias',
  model_explainability: 'modelexplainability',
};

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateMonitoringSchedule.html */
export const NAME_LIMIT = 63;
const LONGEST_HASH = 12;
/** Enough to tell the jobs of one endpoint apart. */
const SHORTEST_HASH = 4;
/** Of a name whose endpoint had to be cut. */
const HASH_OF_CUT = 8;

/**
 * `<endpoint>-<kind>-<hash>` within 63 characters, whatever endpoint names SageMaker accepts: a long one is cut.
 * @param seed what makes it another name
 */
export function monitorName(endpointName: string, kind: MonitorKind, seed: string): string {
  const name = monitorNameStem(endpointName, kind);
  const hash = createHash('sha256').update(seed).digest('hex');
  return `${name}${hash.slice(0, Math.min(LONGEST_HASH, NAME_LIMIT - name.length))}`;
}

/** What the names of all monitors of a kind begin with on one endpoint. */
export function monitorNameStem(endpointName: string, kind: MonitorKind): string {
  const ending = `-${SHORT_KIND[kind]}-`;
  const fits = endpointName.length + ending.length + SHORTEST_HASH <= NAME_LIMIT;
  return `${fits ? endpointName : shortName(endpointName, NAME_LIMIT - ending.length - HASH_OF_CUT)}${ending}`;
}

/** Whether Clarify does the work, rather than SageMaker's analyzer. */
export function usesClarify(kind: MonitorKind): boolean {
  return kind === 'model_bias' || kind === 'model_explainability';
}

/** Where a baseline job writes. */
export function baselineOutput(request: MonitorRequest, baselineName: string): string {
  return `s3://${request.baseline_job_output_location}/${baselineName}`;
}
