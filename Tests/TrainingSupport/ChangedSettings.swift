import TapSettings

extension TrainingSettings {
  /// The usual settings, after `change` has changed some of them.
  public static func with(_ model: Model = .logistic(), _ change: (inout TrainingSettings) -> Void) -> Self {
    var settings = TrainingSettings(model)
    change(&settings)
    return settings
  }
}
