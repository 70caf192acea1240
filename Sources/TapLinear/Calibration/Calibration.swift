// Maps scores to calibrated probabilities. Scores are row-major `[rows, classes]`.

import Glibc

/// The map from scores to probabilities.
public enum Calibration: Hashable, Sendable {
  /// A sigmoid of each class's score, divided by the sum of all sigmoids. This calibration is for SVMs of any loss and
  /// for one-versus-rest logistic regressions.
  case platt([Sigmoid])
  /// The softmax of scores divided by a temperature above 0. This calibration is for all models. A temperature above 1
  /// lowers the confidence of a multinomial logistic regression.
  case temperature(Double)

  /// The probability p = 1 / (1 + exp(slope · margin + offset)). The slope is negative if a larger margin makes the
  /// class more likely.
  public struct Sigmoid: Hashable, Sendable {
    /// The factor of the margin: A in Platt's paper.
    public let slope: Double
    /// The term added to slope · margin: B in Platt's paper.
    public let offset: Double

    /// Creates a sigmoid with these parameters.
    public init(slope: Double, offset: Double) {
      self.slope = slope
      self.offset = offset
    }

    /// The probability, in 0...1, computed without overflow.
    public func callAsFunction(_ margin: Double) -> Double {
      let exponent = slope * margin + offset
      return exponent >= 0 ? exp(-exponent) / (1 + exp(-exponent)) : 1 / (1 + exp(exponent))
    }
  }

  /// The probabilities of one row's classes. Their sum is 1. If every sigmoid is 0, all classes are equally likely, as
  /// in scikit-learn.
  ///
  /// - Precondition: there are as many scores as sigmoids.
  public func probabilities(scores: [Double]) -> [Double] {
    switch self {
    case .platt(let sigmoids):
      precondition(scores.count == sigmoids.count, "\(scores.count) scores, \(sigmoids.count) sigmoids")
      let values = zip(sigmoids, scores).map { $0($1) }
      let sum = values.reduce(0, +)
      return values.map { sum > 0 ? $0 / sum : 1 / Double(values.count) }
    case .temperature(let temperature):
      let largest = scores.max() ?? 0
      let powers = scores.map { exp(($0 - largest) / temperature) }
      let sum = powers.reduce(0, +)
      return powers.map { $0 / sum }
    }
  }
}

/// The method that fits a calibration.
public enum CalibrationMethod: String, Hashable, Sendable, CaseIterable {
  /// No calibration: scores stay unchanged.
  case none = "none"
  /// A sigmoid of each class's margin, as in Platt's paper.
  case platt = "platt"
  /// A softmax of scores divided by one number, the temperature.
  case temperature = "temperature"
  /// The method with the smallest log loss on held-out rows. If scores without calibration have the smallest loss, no
  /// calibration is used.
  case automatic = "auto"

  /// Fits the calibration of a model. Returns nil for ``none``. ``automatic`` fits Platt's sigmoids to SVMs and
  /// one-versus-rest models, and a temperature to other models. This function does not compare methods on held-out
  /// rows.
  ///
  /// - Parameter multiClass: how the model combines classes. For an SVM of any loss, pass
  ///   ``ClassifierKind/multiClass``.
  /// - Precondition: ``fits(_:)`` is true.
  public func calibration(of multiClass: MultiClass, scores: [Double], labels: [Int], classCount: Int)
    -> Calibration?
  {
    precondition(fits(multiClass), "\(self) is not for \(multiClass)")
    return switch (self, multiClass) {
    case (.none, _): nil
    case (.platt, _), (.automatic, .oneVersusRest):
      .fittedPlatt(margins: scores, labels: labels, classCount: classCount)
    case (.temperature, _), (.automatic, .multinomial):
      .fittedTemperature(scores: scores, labels: labels, classCount: classCount)
    }
  }

  /// Whether the method can be used for models that combine classes in this way.
  public func fits(_ multiClass: MultiClass) -> Bool {
    switch self {
    case .none, .automatic, .temperature: true
    case .platt: multiClass == .oneVersusRest
    }
  }
}
