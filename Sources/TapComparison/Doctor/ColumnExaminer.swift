// Compares one column of features under every variant of the preprocessing: the change of the features, and the effect
// on the accuracy.

import TapLinear
import TapProvenance
import TapTensors

/// Compares the rows of a column.
struct ColumnExaminer {
  let column: Column
  /// The column's range of indices in a row.
  let part: Range<Int>
  let variants: [PreprocessingVariant]
  /// The rows of each image, for at least one image.
  let rows: [VariantRows]
  /// The trial that measures accuracies; nil if accuracies cannot be measured.
  let trial: VariantTrial?

  func findings() -> PreprocessingDiagnosis.ColumnFindings {
    let present = matrix(0)
    let models = trial.flatMap { $0.models(present) }
    let predictions = models.flatMap { trial?.predictions($0, present) }
    let findings = variants.indices.map { finding($0, models, predictions) }
    return PreprocessingDiagnosis.ColumnFindings(
      column: column, dimensions: part.count, apart: apart,
      accuracy: predictions.flatMap { trial?.proportion($0) },
      // Findings with equal means keep the order of the variants.
      findings: findings.enumerated().sorted {
        ($1.element.meanMovement, $0.offset) < ($0.element.meanMovement, $1.offset)
      }.map(\.element))
  }

  private func finding(
    _ index: Int, _ models: [FittedLinearModel]?, _ present: VariantTrial.Predictions?
  ) -> PreprocessingDiagnosis.Finding {
    let touched = rows.indices.filter { rows[$0].isTouched[index + 1] }
    let pairs = touched.map { Self.compare(rows[$0].rows[index + 1][part], with: rows[$0].rows[0][part]) }
    let movements = pairs.map(\.movement)
    var (mismatched, retrained): (PreprocessingDiagnosis.Accuracy?, PreprocessingDiagnosis.Accuracy?) = (
      nil, nil
    )
    if let trial, let models, let present {
      let features = matrix(index + 1)
      if pairs.allSatisfy({ $0.movement.isFinite }) {
        mismatched = trial.predictions(models, features).map { trial.accuracy($0, against: present) }
      }
      retrained = (touched.isEmpty ? models : trial.models(features))
        .flatMap { trial.predictions($0, features) }.map { trial.accuracy($0, against: present) }
    }
    return PreprocessingDiagnosis.Finding(
      variant: variants[index], touched: touched.count,
      movement: Self.quantile(movements, 0.5).flatMap { median in
        Self.quantile(movements, 0.95).map { PreprocessingDiagnosis.Spread(median: median, high: $0) }
      }, cosine: Self.quantile(pairs.map(\.cosine), 0.5),
      meanMovement: movements.reduce(0, +) / Double(rows.count), mismatched: mismatched, retrained: retrained)
  }

  private func matrix(_ preprocessing: Int) -> MatrixView {
    var elements: [Float] = []
    elements.reserveCapacity(rows.count * part.count)
    for row in rows { elements += row.rows[preprocessing][part] }
    return MatrixView(rows: rows.count, columns: part.count, elements: elements)
  }

  /// The median distance between the features of two images that are half the list apart. Such images usually have
  /// different classes.
  private var apart: Double? {
    guard rows.count > 1 else { return nil }
    let distances = rows.indices.map { index in
      let other = rows[(index + rows.count / 2) % rows.count]
      return Self.compare(other.rows[0][part], with: rows[index].rows[0][part]).movement
    }
    return Self.quantile(distances, 0.5)
  }

  /// ‖g - f‖ / ‖f‖ and the cosine of g and f. If a value is not finite, or if f is 0 and g is not, the results are
  /// infinity and 0.
  static func compare(_ g: ArraySlice<Float>, with f: ArraySlice<Float>) -> (movement: Double, cosine: Double) {
    var (ff, gg, fg, distance) = (0.0, 0.0, 0.0, 0.0)
    for (x, y) in zip(f, g) {
      let (x, y) = (Double(x), Double(y))
      ff += x * x
      gg += y * y
      fg += x * y
      distance += (y - x) * (y - x)
    }
    if distance == 0 { return (0, 1) }
    let (movement, cosine) = ((distance / ff).squareRoot(), fg / (ff * gg).squareRoot())
    return (movement.isFinite ? movement : .infinity, cosine.isFinite ? cosine : 0)
  }

  /// A quantile, linearly interpolated between neighbors like NumPy's default; nil if there are no values.
  static func quantile(_ values: [Double], _ share: Double) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    let place = share * Double(sorted.count - 1)
    let lower = Int(place)
    let upper = min(lower + 1, sorted.count - 1)
    guard sorted[upper].isFinite else { return place == Double(lower) ? sorted[lower] : .infinity }
    return sorted[lower] + (place - Double(lower)) * (sorted[upper] - sorted[lower])
  }
}
