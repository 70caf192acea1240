// The options that say what keeps weights small and who minimises, shared by `train` and `compare`.

import LayerTap

enum PenaltyOptions {
  static let penalty = Parameter<PenaltyName?>.optional(
    "penalty", .choice, valueName: "name", defaultText: "l2",
    help: """
      What keeps weights small; l1 and elastic-net make many exactly 0. An SVM with the loss hinge or crammer-singer has l2 \
      only; without one, logistic regressions of separable classes have no minimum.
      """)

  static let l1Ratio = Parameter<Double?>.optional(
    "l1-ratio", .number("a number from 0 to 1") { (0...1).contains($0) }, valueName: "r", defaultText: "0.5",
    help: "How much of the elastic net is l1.")

  static let solver = Parameter<LogisticSolver?>.optional(
    "solver", .choice, valueName: "name", defaultText: "auto",
    help: "Who minimises a logistic regression under l2 or no penalty.")

  /// What was asked for, checked against the rest.
  static func choice(
    _ arguments: ParsedArguments, _ classifiers: [ClassifierKind]
  ) throws(UsageError) -> PenaltyChoice {
    let choice = PenaltyChoice(
      name: arguments[penalty], l1Ratio: arguments[l1Ratio], solver: arguments[solver])
    let problem = choice.problem(
      classifiers, hingeLoss: arguments[TrainOptions.loss] ?? .squaredHinge,
      hasC: arguments.has(TrainOptions.c.declaration))
    guard let problem else { return choice }
    let option =
      switch problem.part {
      case .penalty: penalty.declaration
      case .l1Ratio: l1Ratio.declaration
      case .solver: solver.declaration
      }
    throw .contradiction("'\(option.flagName)': \(problem.text)")
  }
}
