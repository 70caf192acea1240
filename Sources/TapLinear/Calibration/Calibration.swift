// From scores to probabilities that can be believed. Scores are row-major `[rows, classes]`.

import Glibc

/// How scores become probabilities.
public enum Calibration: Hashable, Sendable {
  /// A sigmoid of each class's score, then divided by their sum: for SVMs of any loss and logistic regressions of one class
  /// against the rest.
  case platt([Sigmoid])
  /// The softmax of scores divided by a temperature above 0: for all models. Of a multinomial logistic regression one above 1 makes it
  /// less sure.
  case temperature(Double)

  /// p = 1 / (1 + exp(slope · margin + offset)); the slope is below 0 where large margins are good.
  public struct Sigmoid: Hashable, Sendable {
    /// Multiplies the margin: A in Platt's paper.
    public let slope: Double
    /// Added to it: B in Platt's paper.
    public let offset: Double

    /// A sigmoid with these parameters.
    public init(slope: Double, offset: Double) {
      self.slope = slope
      self.offset = offset
    }

    /// In 0...1, without overflow.
    public func callAsFunction(_ margin: Double) -> Double {
      let exponent = slope * margin + offset
      return exponent >= 0 ? exp(-exponent) / (1 + exp(-exponent)) : 1 / (1 + exp(exponent))
    }
  }

  /// The probabilities of one row's classes, summing to 1. Where every sigmoid is 0 all classes are equally likely, as
  /// scikit-learn has it.
  ///
  /// - Precondition: as many scores as sigmoids.
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

/// How a calibration is found.
public enum CalibrationMethod: String, Hashable, Sendable, CaseIterable {
  /// Scores as they are.
  case none = "none"
  /// A sigmoid of each class's margin (Platt).
  case platt = "platt"
  /// A softmax of scores divided by one number.
  case temperature = "temperature"
  /// What gives rows that it was not fitted on the smallest log loss, or none if that is the smallest.
  case automatic = "auto"

  /// What this means for a model; nil for none. Of ``automatic`` Platt's for SVMs and models of one class against the rest, the
  /// temperature for others: what is chosen among, rows held out say.
  ///
  /// - Parameter multiClass: how it tells classes apart; an SVM, whatever its loss, as ``ClassifierKind/multiClass`` says.
  /// - Precondition: ``fits(_:)``.
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

  /// Whether it is for models that tell classes apart so.
  public func fits(_ multiClass: MultiClass) -> Bool {
    switch self {
    case .none, .automatic, .temperature: true
    case .platt: multiClass == .oneVersusRest
    }
  }
}
