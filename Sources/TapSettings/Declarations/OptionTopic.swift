// The topics by which the help groups options.

/// A topic of options, in the order of the help.
package enum OptionTopic: String, CaseIterable, Sendable {
  /// The choice of images, tables and rows.
  case data = "DATA"
  /// The network and its taps, which are the layers that features come from.
  case features = "BACKBONE AND LAYERS"
  /// The steps from an image to the network's input.
  case preprocessing = "PREPROCESSING"
  /// The kind of model and its settings.
  case model = "MODEL"
  /// The method and the criterion by which the column and C are chosen.
  case choice = "CHOICE"
  /// The measurement of the model's quality.
  case evaluation = "EVALUATION"
  /// The printed output and the written files.
  case output = "OUTPUT"
  /// The store of features, and the threads and kernels that compute features.
  case running = "STORE AND MACHINE"
  /// Options that belong to no other topic.
  case general = "GENERAL"
}
