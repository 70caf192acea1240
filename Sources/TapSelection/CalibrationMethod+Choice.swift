// The choice of the calibration that gives held-out rows the highest likelihood.

import TapLinear
import TapMetrics

extension CalibrationMethod {
  /// Fits the calibration to scores of held-out rows; nil for no calibration. ``automatic`` takes the method with the
  /// smallest log loss. For this loss, each part of the rows is judged by a calibration that was fitted to the other
  /// parts. For a model that has probabilities of its own, ``automatic`` may also choose no calibration.
  ///
  /// - Parameters:
  ///   - kind: the kind of model.
  ///   - multiClass: the way in which the model combines classes.
  ///   - scores: `[rows, classes]`.
  ///   - folds: the part of each row; there are at least two parts.
  package func chosen(
    for kind: ClassifierKind, _ multiClass: MultiClass, scores: [Double], labels: [Int], classCount: Int,
    folds: [Int]
  ) -> Calibration? {
    guard self == .automatic else {
      return calibration(of: multiClass, scores: scores, labels: labels, classCount: classCount)
    }
    var methods: [CalibrationMethod] = kind == .logistic ? [.none] : []
    if multiClass == .oneVersusRest { methods.append(.platt) }
    // Only a temperature turns similarities into probabilities. So the temperature is the only method for similarities.
    methods.append(.temperature)
    func part(_ fold: Int, isOwn: Bool) -> (scores: [Double], labels: [Int]) {
      let rows = folds.indices.filter { (folds[$0] == fold) == isOwn }
      return (rows.flatMap { scores[$0 * classCount..<($0 + 1) * classCount] }, rows.map { labels[$0] })
    }
    let parts = Set(folds).sorted().map { (own: part($0, isOwn: true), others: part($0, isOwn: false)) }
    guard methods.count > 1, parts.count > 1 else {
      return calibration(of: multiClass, scores: scores, labels: labels, classCount: classCount)
    }
    func loss(_ method: CalibrationMethod) -> Double {
      parts.reduce(0.0) { total, part -> Double in
        let found = method.calibration(
          of: multiClass, scores: part.others.scores, labels: part.others.labels, classCount: classCount)
        let probabilities = part.own.labels.indices.flatMap { row in
          let own = Array(part.own.scores[row * classCount..<(row + 1) * classCount])
          return found?.probabilities(scores: own) ?? multiClass.probabilities(scores: own)
        }
        return total
          + ClassificationMetrics.logLosses(
            labels: part.own.labels, probabilities: probabilities, classCount: classCount
          ).reduce(0, +)
      }
    }
    var (best, least) = (methods[0], loss(methods[0]))
    for method in methods.dropFirst() {
      let found = loss(method)
      if found < least { (best, least) = (method, found) }
    }
    return best.calibration(of: multiClass, scores: scores, labels: labels, classCount: classCount)
  }
}
