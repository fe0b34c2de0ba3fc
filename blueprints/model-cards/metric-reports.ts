/**
 * Reports of SageMaker Clarify and Model Monitor → metric groups of a model card, as SageMaker's own SDK makes them. Pure.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-run.html
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-metrics.html
 */
import { metricGroups } from './evaluation-schema.ts';
import type { ReportType } from './evaluation-schema.ts';
import type { MetricGroup } from './request.ts';

type Json = Record<string, unknown>;
type Metric = MetricGroup['metric_data'][number];

/** A report that is not what it is said to be. `message` says what is missing. */
export class UnreadableReport extends Error {
  override readonly name = 'UnreadableReport';
}

const READERS: Readonly<Record<ReportType, (report: Json) => MetricGroup[]>> = {
  model_card_metric_schema: (report) => list(report.metric_groups, 'metric_groups') as unknown as MetricGroup[],
  clarify_bias: biasGroups,
  clarify_explainability: explanationGroups,
  regression: (report) => [monitorGroup(report, 'regression_metrics')],
  binary_classification: classificationGroups,
  multiclass_classification: classificationGroups,
};

/**
 * @param text the report, JSON
 * @throws UnreadableReport
 */
export function readReport(type: ReportType, text: string): MetricGroup[] {
  const groups = READERS[type](parsed(text));
  const { error } = metricGroups.validate(groups, { abortEarly: false });
  if (error) throw new UnreadableReport(`its metrics do not fit into a model card: ${error.message}`);
  return groups;
}

function parsed(text: string): Json {
  try {
    return object(JSON.parse(text), 'the report');
  } catch (error) {
    if (error instanceof UnreadableReport) throw error;
    throw new UnreadableReport('it is not JSON', { cause: error });
  }
}

/** A group for each facet's value, in each group of bias metrics. */
function biasGroups(report: Json): MetricGroup[] {
  const groups = new Map<string, Metric[]>();
  for (const [metricGroup, content] of Object.entries(report)) {
    if (typeof content !== 'object' || content === null) continue;
    const { facets, label, label_value_or_threshold: value } = content as Json;
    for (const [facet, entries] of Object.entries(object(facets, `${metricGroup}.facets`))) {
      for (const entry of list(entries, `${metricGroup}.facets.${facet}`)) {
        const name = `${metricGroup} - label ${String(label)} = ${String(value)} and facet ${facet}=${String(entry.value_or_threshold)}`;
        const metrics = list(entry.metrics, `${metricGroup}.facets.${facet}[].metrics`)
          .filter((metric) => metric.value !== null && metric.value !== undefined)
          .map((metric) => ({ name: metric.name, value: metric.value, type: 'number' }));
        groups.set(name, [...(groups.get(name) ?? []), ...metrics]);
      }
    }
  }
  return [...groups].map(([name, metrics]) => ({ name: shortened(name), metric_data: metrics }));
}

function explanationGroups(report: Json): MetricGroup[] {
  const { kernel_shap: shap, pdp } = object(report.explanations, 'explanations');
  return [
    ...(shap === undefined ? [] : Object.entries(object(shap, 'explanations.kernel_shap')).flatMap(shapGroups)),
    ...(pdp === undefined
      ? []
      : [{ name: 'explanations - pdp', metric_data: list(pdp, 'explanations.pdp').flatMap(dependencePlots) }]),
  ];
}

function shapGroups([label, explanation]: [string, unknown]): MetricGroup[] {
  const { global_shap_values: values, global_top_shap_text: texts } = object(explanation, `kernel_shap.${label}`);
  const group = (name: string, metrics: Json) => ({
    name: shortened(name),
    metric_data: Object.entries(metrics).map(([metric, value]) => ({ name: metric, value, type: typeof value })),
  });
  return [
    ...(values === undefined
      ? []
      : [group(`explanations - global_shap_values, label=${label}`, object(values, 'global_shap_values'))]),
    ...Object.entries(object(texts ?? {}, 'global_top_shap_text')).map(([feature, metrics]) =>
      group(
        `explanations - global_top_shap_text, label=${label}, feature=${feature}`,
        object(metrics, `global_top_shap_text.${feature}`),
      ),
    ),
  ];
}

/** Of a numerical feature lines, of a categorical one bars: its distribution, and the predictions of each label. */
function dependencePlots(feature: Json): Metric[] {
  const name = String(feature.feature_name);
  const values = array(feature.feature_values, `pdp.${name}.feature_values`);
  const isNumerical = feature.data_type === 'numerical';
  const type = isNumerical ? 'linear_graph' : 'bar_chart';
  const plotted = (heights: unknown[]) => (isNumerical ? pairs(values, heights) : heights);
  const axis = isNumerical ? name : values.map(String);
  const predictions = array(feature.model_predictions, `pdp.${name}.model_predictions`);
  return [
    {
      name: `data_distribution - feature=${name}`,
      type,
      value: plotted(array(feature.data_distribution, `pdp.${name}.data_distribution`)),
      x_axis_name: axis,
      y_axis_name: 'Data distribution',
    },
    ...array(feature.label_headers, `pdp.${name}.label_headers`).map((label, index) => ({
      name: `model_predictions - feature=${name}, label=${String(label)}`,
      type,
      value: plotted(array(predictions[index], `pdp.${name}.model_predictions[${index}]`)),
      x_axis_name: axis,
      y_axis_name: String(label),
    })),
  ];
}

const CLASSIFICATION = ['binary_classification_metrics', 'multiclass_classification_metrics'];

function classificationGroups(report: Json): MetricGroup[] {
  const key = CLASSIFICATION.find((one) => report[one] !== undefined);
  if (!key) throw new UnreadableReport(`it has neither ${CLASSIFICATION.join(' nor ')}`);
  return [monitorGroup(report, key)];
}

function monitorGroup(report: Json, key: string): MetricGroup {
  const metrics = Object.entries(object(report[key], key));
  return {
    name: key,
    metric_data: metrics.flatMap(([name, raw]) => monitorMetric(name, object(raw, `${key}.${name}`))),
  };
}

function monitorMetric(name: string, raw: Json): Metric[] {
  switch (name) {
    case 'confusion_matrix':
      return [confusionMatrix(name, raw)];
    case 'receiver_operating_characteristic_curve':
      return [curve(name, raw, 'false_positive_rates', 'true_positive_rates')];
    case 'precision_recall_curve':
      return [curve(name, raw, 'recalls', 'precisions')];
    default: {
      const { value, standard_deviation: deviation } = raw;
      return [
        { name, value, type: 'number' },
        ...(typeof deviation === 'number'
          ? [{ name: `${name} - standard_deviation`, value: deviation, type: 'number' }]
          : []),
      ];
    }
  }
}

function confusionMatrix(name: string, raw: Json): Metric {
  const rows = Object.entries(raw).map(([row, cells]) => [row, object(cells, `${name}.${row}`)] as const);
  const [, first = {}] = rows[0] ?? [];
  return {
    name,
    type: 'matrix',
    x_axis_name: rows.map(([row]) => row),
    y_axis_name: Object.keys(first),
    value: rows.map(([, cells]) => Object.values(cells)),
  };
}

function curve(name: string, raw: Json, x: string, y: string): Metric {
  const value = pairs(array(raw[x], `${name}.${x}`), array(raw[y], `${name}.${y}`));
  return { name, type: 'linear_graph', x_axis_name: x, y_axis_name: y, value };
}

function pairs(first: readonly unknown[], second: readonly unknown[]): unknown[][] {
  return first.slice(0, second.length).map((one, index) => [one, second[index]]);
}

/** The names of groups that are put together here may be longer than SageMaker takes. */
function shortened(name: string): string {
  return name.length > 63 ? `${name.slice(0, 62)}…` : name;
}

function object(value: unknown, what: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw new UnreadableReport(`${what} is missing, or not an object`);
}

function array(value: unknown, what: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw new UnreadableReport(`${what} is missing, or not a list`);
}

function list(value: unknown, what: string): Json[] {
  return array(value, what).map((one) => object(one, `an entry of ${what}`));
}
