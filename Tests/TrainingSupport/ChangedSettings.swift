import TapSettings

extension TrainingSettings {
  /// Usual settings with some of them changed.
  public static func with(_ model: Model = .logistic(), _ change: (inout TrainingSettings) -> Void) -> Self {
    var settings = TrainingSettings(model)
    change(&settings)
    return settings
  }
}
