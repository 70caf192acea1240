// Words for the principal components of a model.

import TapLinear
import TapText

extension ProjectionSummary {
  /// The components: `64, whitened, 93.2 % of the variance (12.1, 8.0, 5.5, 4.1, 3.0, …)`.
  package var text: String {
    let shown = explainedVarianceRatios.prefix(5).map(NumberText.percent)
    return "\(NumberText.grouped(count))\(whitens ? ", whitened" : ""), "
      + "\(NumberText.percent(explained)) % of the variance (\(shown.joined(separator: ", "))\(count > 5 ? ", …" : ""))"
  }
}
