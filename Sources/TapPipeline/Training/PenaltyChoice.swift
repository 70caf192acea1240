// A penalty as command lines and pipeline files name it, and which combinations make sense.

import TapLinear

/// The names of penalties.
public enum PenaltyName: String, CaseIterable, Sendable, Hashable {
  /// ½ ‖W‖².
  case l2
  /// ‖W‖₁, which makes weights exactly 0.
  case l1
  /// A mixture of the two.
  case elasticNet = "elastic-net"
  /// Nothing: the loss alone.
  case none
}

/// What was asked for; nil where nothing was said.
public struct PenaltyChoice: Hashable, Sendable {
  /// `l2` unless it is said.
  public var name: PenaltyName?
  /// Of the elastic net, in 0...1; a half unless it is said.
  public var l1Ratio: Double?
  /// `auto` unless it is said.
  public var solver: LogisticSolver?

  /// A choice; nil where nothing was said.
  public init(name: PenaltyName? = nil, l1Ratio: Double? = nil, solver: LogisticSolver? = nil) {
    self.name = name
    self.l1Ratio = l1Ratio
    self.solver = solver
  }

  /// The penalty that it means.
  public var penalty: Penalty {
    switch name ?? .l2 {
    case .l2: .l2
    case .l1: .l1
    case .elasticNet: .elasticNet(l1Ratio: l1Ratio ?? 0.5)
    case .none: .none
    }
  }

  /// What is wrong with it for these classifiers, and with which of its parts; nil if nothing is.
  ///
  /// - Parameter hasC: whether a C was asked for.
  public func problem(
    _ classifiers: [ClassifierKind], hingeLoss: HingeLoss, hasC: Bool
  ) -> (part: Part, text: String)? {
    if l1Ratio != nil, name != .elasticNet { return (.l1Ratio, "it is for the penalty elastic-net") }
    if name != nil, !classifiers.contains(where: \.isRegularized) {
      return (.penalty, "a nearest mean has no penalty")
    }
    if classifiers.contains(.svm) {
      if name == PenaltyName.none {
        return (.penalty, "an SVM needs a penalty; only a logistic regression can do without")
      }
      if let name, name != .l2, hingeLoss != .squaredHinge {
        return (.penalty, "\(name.rawValue) is for logistic regressions and SVMs with the loss squared-hinge")
      }
    }
    if name == PenaltyName.none, hasC { return (.penalty, "without a penalty C has no meaning") }
    if let solver {
      if !classifiers.contains(.logistic) { return (.solver, "it is for logistic regressions") }
      if solver != .automatic, penalty == .l1 || name == .elasticNet {
        return (
          .solver,
          "\(solver.rawValue) needs a smooth objective; l1 and elastic-net have a solver of their own, auto"
        )
      }
    }
    return nil
  }

  /// The parts, by their names in pipeline files.
  public enum Part: String, Sendable {
    /// Its name.
    case penalty
    /// The part of L1 in an elastic net.
    case l1Ratio
    /// What minimises.
    case solver
  }
}
