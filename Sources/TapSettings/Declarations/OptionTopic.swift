// The topics of options.

/// A group of options in the help, in its order.
package enum OptionTopic: String, CaseIterable, Sendable {
  /// Which images, tables and rows.
  case data = "DATA"
  /// The taps and the network.
  case features = "BACKBONE AND LAYERS"
  /// How an image becomes the network's input.
  case preprocessing = "PREPROCESSING"
  /// The model.
  case model = "MODEL"
  /// How C and column are chosen, and by what.
  case choice = "CHOICE"
  /// How good it is.
  case evaluation = "EVALUATION"
  /// The output that is printed and written.
  case output = "OUTPUT"
  /// The store of features, and the resources that compute them.
  case running = "STORE AND MACHINE"
  /// The rest.
  case general = "GENERAL"
}
