// What options are about. Help, completions and the manual page group them by these.

/// A group of options in the help, in its order.
package enum OptionTopic: String, CaseIterable, Sendable {
  /// Which images, tables and rows.
  case data = "DATA"
  /// What is tapped of which network.
  case features = "BACKBONE AND LAYERS"
  /// How an image becomes the network's input.
  case preprocessing = "PREPROCESSING"
  /// What is fitted.
  case model = "MODEL"
  /// How C and column are chosen, and by what.
  case choice = "CHOICE"
  /// How good it is.
  case evaluation = "EVALUATION"
  /// What is printed and written.
  case output = "OUTPUT"
  /// Where features are kept, and what computes them.
  case running = "STORE AND MACHINE"
  /// The rest.
  case general = "GENERAL"
}
