// Counts of items by actual and predicted class, and the scores of each class that follow from these counts.

/// The scores of one class.
public struct ClassScores: Hashable, Sendable {
  /// The share of correct predictions among the items predicted to be of the class; 0 if no item is predicted to be of
  /// the class.
  public let precision: Double
  /// The share of correct predictions among the items of the class; 0 if the class has no items.
  public let recall: Double
  /// 2 tp / (2 tp + fp + fn), the harmonic mean of precision and recall. It is 0 if no label and no prediction is of
  /// the class.
  public let f1: Double
  /// The number of items of the class.
  public let support: Int
}

/// Counts by actual class (row) and predicted class (column).
public struct ConfusionMatrix: Hashable, Sendable {
  /// The number of rows, which is also the number of columns.
  public let classCount: Int
  /// The counts, `[classCount, classCount]`, row-major.
  public let counts: [Int]

  /// - Precondition: there are as many labels as predictions, and all are in `0..<classCount`.
  public init(labels: [Int], predictions: [Int], classCount: Int) {
    precondition(
      labels.count == predictions.count, "\(labels.count) labels, \(predictions.count) predictions")
    var counts = [Int](repeating: 0, count: classCount * classCount)
    for (label, prediction) in zip(labels, predictions) {
      precondition(
        (0..<classCount).contains(label) && (0..<classCount).contains(prediction),
        "label \(label), prediction \(prediction), \(classCount) classes")
      counts[label * classCount + prediction] += 1
    }
    self.classCount = classCount
    self.counts = counts
  }

  /// The number of items of the class `actual` that were predicted to be of the class `predicted`.
  public subscript(actual actual: Int, predicted predicted: Int) -> Int {
    precondition((0..<classCount).contains(actual) && (0..<classCount).contains(predicted))
    return counts[actual * classCount + predicted]
  }

  /// The number of all items.
  public var total: Int { counts.reduce(0, +) }

  /// The number of items of a class.
  public func support(of label: Int) -> Int {
    (0..<classCount).reduce(0) { $0 + self[actual: label, predicted: $1] }
  }

  /// The number of items predicted to be of a class.
  public func predicted(as label: Int) -> Int {
    (0..<classCount).reduce(0) { $0 + self[actual: $1, predicted: label] }
  }

  /// The share of items on the diagonal, which are correct.
  public var accuracy: Proportion {
    Proportion(
      successes: (0..<classCount).reduce(0) { $0 + self[actual: $1, predicted: $1] }, count: total)
  }

  /// The scores of each class.
  public var perClass: [ClassScores] {
    (0..<classCount).map { label in
      let hits = Double(self[actual: label, predicted: label])
      let support = support(of: label)
      let predicted = predicted(as: label)
      return ClassScores(
        precision: predicted == 0 ? 0 : hits / Double(predicted),
        recall: support == 0 ? 0 : hits / Double(support),
        f1: support + predicted == 0 ? 0 : 2 * hits / Double(support + predicted), support: support)
    }
  }

  /// The mean F1 of the classes that occur among labels or predictions, as in scikit-learn; NaN for no items.
  public var macroF1: Double {
    let present = perClass.enumerated().filter { $1.support > 0 || predicted(as: $0) > 0 }
    return present.reduce(0) { $0 + $1.element.f1 } / Double(present.count)
  }

  /// The mean F1 of the classes, weighted by their number of items; NaN for no items.
  public var weightedF1: Double {
    perClass.reduce(0) { $0 + $1.f1 * Double($1.support) } / Double(total)
  }

  /// The mean recall of the classes that occur among the labels, as in scikit-learn; NaN for no items.
  public var balancedAccuracy: Double {
    let present = perClass.filter { $0.support > 0 }
    return present.reduce(0) { $0 + $1.recall } / Double(present.count)
  }
}
