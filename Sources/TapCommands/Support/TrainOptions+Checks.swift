// What options of training do not go together, the same in `train` and `compare`.

import LayerTap

extension TrainOptions {
  /// Refuses what only cross-validation has beside a validation part.
  static func checkSelection(_ arguments: ParsedArguments) throws {
    guard arguments.has(validationFraction) else { return }
    for option in [folds.declaration, repeats.declaration] where arguments.has(option) {
      throw UsageError.contradiction(
        "'\(option.flagName)' is for cross-validation, and --validation-fraction takes its place")
    }
  }

  /// Refuses a calibration that some way of telling classes apart has no use for.
  static func checkCalibration(_ method: CalibrationMethod, of rules: [MultiClass]) throws {
    guard let rule = rules.first(where: { !method.fits($0) }) else { return }
    let isSoftmax = rule == .multinomial
    throw UsageError.contradiction(
      "'--calibrate \(method.rawValue)' is for "
        + (isSoftmax
          ? "--classifier svm or --multi-class one-vs-rest"
          : "other classifiers than those of one class against the rest")
        + ": give 'auto' or '\(isSoftmax ? "temperature" : "platt")'")
  }
}
