// Values of data in the texts of errors.

extension FloatingPoint {
  /// The shortest digits that give this value, `inf`, `-inf` or `NaN`. Swift writes `nan`; programs that look for the
  /// word in an error, such as scikit-learn's checks of estimators, look for `NaN`.
  package var dataText: String { isNaN ? "NaN" : "\(self)" }
}
