"""Normal returns, abnormal returns, inference and placebo."""

from eventlab.study.event_study import event_study
from eventlab.study.results import EventStudy
from eventlab.study.run import run_study
from eventlab.study.specifications.curve import SpecificationCurve, specification_curve
from eventlab.study.study_result import StudyResult

__all__ = [
    "EventStudy",
    "SpecificationCurve",
    "StudyResult",
    "event_study",
    "run_study",
    "specification_curve",
]
