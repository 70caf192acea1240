// Whether probabilities are calibrated. For example: are 80 % of the predictions with probability 80 % right?

/// Predictions grouped by their probability.
public struct Reliability: Hashable, Sendable {
  /// The predictions whose probability is in one interval.
  public struct Bin: Hashable, Sendable {
    /// The interval's lower end. The interval is open at this end and closed at the upper end. The first interval also
    /// contains 0.
    public let lower: Double
    /// The interval's upper end.
    public let upper: Double
    /// The share of right predictions among the predictions in the interval.
    public let accuracy: Proportion
    /// The mean probability of the predictions in the interval; NaN if there are no predictions.
    public let confidence: Double
  }

  /// Bins of equal width, in increasing order. Bins without predictions are included.
  public let bins: [Bin]

  /// Groups predictions by probability.
  ///
  /// - Parameters:
  ///   - confidences: the probability of each prediction, in 0...1.
  ///   - isRight: whether each prediction is right.
  ///   - binCount: the number of bins, at least 1. A usual number is 15.
  /// - Precondition: both arrays have the same count.
  public init(confidences: [Double], isRight: [Bool], binCount: Int = 15) {
    precondition(binCount >= 1, "\(binCount) bins")
    precondition(confidences.count == isRight.count, "\(confidences.count) and \(isRight.count) predictions")
    let width = 1 / Double(binCount)
    let ends = (0...binCount).map { $0 == binCount ? 1 : Double($0) * width }
    var counts = [Int](repeating: 0, count: binCount)
    var hits = counts
    var totals = [Double](repeating: 0, count: binCount)
    for (confidence, right) in zip(confidences, isRight) {
      precondition((0...1).contains(confidence), "a probability of \(confidence)")
      var bin = min(Int(confidence * Double(binCount)), binCount - 1)
      while bin > 0, confidence <= ends[bin] { bin -= 1 }
      while bin < binCount - 1, confidence > ends[bin + 1] { bin += 1 }
      counts[bin] += 1
      if right { hits[bin] += 1 }
      totals[bin] += confidence
    }
    bins = (0..<binCount).map { bin in
      Bin(
        lower: ends[bin], upper: ends[bin + 1],
        accuracy: Proportion(successes: hits[bin], count: counts[bin]),
        confidence: totals[bin] / Double(counts[bin]))
    }
  }

  /// The expected calibration error, in 0...1. It is the mean distance of a bin's accuracy from its confidence,
  /// weighted by the number of predictions in the bin. The value is NaN for no predictions.
  ///
  /// The error depends on the bins. If there are few items, the error is above 0 even for perfect probabilities. With n
  /// items in a bin, the accuracy deviates by about √(p (1 - p) / n) by chance.
  ///
  /// Source: Naeini, Cooper and Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning" (2015);
  /// Guo et al., "On calibration of modern neural networks" (2017).
  public var expectedCalibrationError: Double {
    var (total, count) = (0.0, 0)
    for bin in bins where bin.accuracy.count > 0 {
      total += Double(bin.accuracy.count) * abs(bin.accuracy.value - bin.confidence)
      count += bin.accuracy.count
    }
    return total / Double(count)
  }
}
