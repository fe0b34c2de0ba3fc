/**
 * What Clarify is configured to compute: `analysis_config.json` of the baseline, and of the schedule's jobs. Pure.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-configure-analysis.html
 */
import type { BiasConfig, MonitorRequest, PredictedLabelConfig, ShapConfig } from './monitor-request.ts';
import type { MonitorKind } from './monitor-request.ts';

/** What of the request the configuration is made of; the handler adds what it finds in the account. */
export type AnalysisRequest = Pick<
  MonitorRequest,
  'bias_config' | 'model_predicted_label_config' | 'shap_config' | 'model_scores' | 'instance_type'
> & { assetsBucket: string };

export interface AnalysisConfigs {
  baseline: Record<string, unknown>;
  monitor: Record<string, unknown>;
}

const REPORT = { name: 'report', title: 'Analysis Report' };

/**
 * @param headers of the baseline data; the first column is the label
 * @param modelName that the endpoint serves
 */
export function analysisConfigs(
  kind: MonitorKind,
  request: AnalysisRequest,
  headers: readonly string[],
  modelName: string,
): AnalysisConfigs {
  const predictor = {
    model_name: modelName,
    instance_type: request.instance_type,
    initial_instance_count: 1,
    accept_type: 'text/csv',
  };
  return kind === 'model_bias'
    ? biasConfigs(request, headers, predictor)
    : explainabilityConfigs(request, headers, predictor);
}

function biasConfigs(request: AnalysisRequest, headers: readonly string[], predictor: object): AnalysisConfigs {
  const [label = ''] = headers;
  const { label_values_or_threshold, group_name } = request.bias_config ?? ({} as BiasConfig);
  const predicted: PredictedLabelConfig = request.model_predicted_label_config ?? {};
  const bias = {
    headers,
    label,
    label_values_or_threshold: asList(label_values_or_threshold),
    facet: facets(request.bias_config),
    ...(group_name ? { group_variable: group_name } : {}),
  };
  return {
    baseline: {
      dataset_type: 'text/csv',
      ...bias,
      ...given('probability_threshold', predicted.probability_threshold),
      methods: { report: REPORT, pre_training_bias: { methods: 'all' }, post_training_bias: { methods: 'all' } },
      predictor: {
        ...predictor,
        ...given('label', predicted.label),
        ...given('probability', predicted.probability),
        ...given('label_headers', predicted.label_headers),
      },
    },
    monitor: bias,
  };
}

function explainabilityConfigs(
  request: AnalysisRequest,
  headers: readonly string[],
  predictor: object,
): AnalysisConfigs {
  const [label = '', ...features] = headers;
  const asked = { ...predictor, ...given('label', request.model_scores) };
  const methods = shap(request.shap_config, request.assetsBucket);
  return {
    baseline: {
      dataset_type: 'text/csv',
      headers,
      label,
      predictor: asked,
      methods: { report: REPORT, shap: methods },
    },
    // What the endpoint captures has no label.
    monitor: { headers: features, predictor: asked, methods: { shap: methods } },
  };
}

function shap(config: ShapConfig | undefined, assetsBucket: string): Record<string, unknown> {
  const { baseline, ...rest } = config ?? { use_logit: false, save_local_shap_values: true };
  return {
    ...(baseline ? { baseline: typeof baseline === 'string' ? `s3://${assetsBucket}/${baseline}` : baseline } : {}),
    ...rest,
  };
}

/** One facet a sensitive column; with several, values come in the same order. */
function facets(config: BiasConfig | undefined): Record<string, unknown>[] {
  const { facet_name: names, facet_values_or_threshold: values } =
    config ?? ({ facet_name: [] } as unknown as BiasConfig);
  if (!Array.isArray(names)) return [{ name_or_index: names, ...valuesOf(values) }];
  return names.map((name, index) => ({
    name_or_index: name,
    ...valuesOf(Array.isArray(values) ? values[index] : undefined),
  }));
}

function valuesOf(values: unknown): Record<string, unknown> {
  return values === undefined || values === null ? {} : { value_or_threshold: asList(values) };
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

function given(key: string, value: unknown): Record<string, unknown> {
  return value === undefined || value === null ? {} : { [key]: value };
}

/**
 * The first line of a CSV, with quotes and line ends read as RFC 4180 has them.
 * @throws for a text whose first line is not whole
 */
export function csvHeader(text: string): string[] {
  const columns: string[] = [];
  let column = '';
  let quoted = false;
  for (let at = text.startsWith('\uFEFF') ? 1 : 0; at <= text.length; at++) {
    const letter = text[at];
    if (letter === undefined) {
      if (quoted) break;
      return [...columns, column];
    }
    if (quoted) {
      if (letter !== '"') column += letter;
      else if (text[at + 1] === '"') column += text[at++];
      else quoted = false;
    } else if (letter === '"' && column === '') quoted = true;
    else if (letter === ',') {
      columns.push(column);
      column = '';
    } else if (letter === '\n' || letter === '\r') return [...columns, column];
    else column += letter;
  }
  throw new Error('The header of the baseline data is not a complete CSV line.');
}
