"""The ways of scoring an indicator, as people call them."""

from typing import Final

METHOD_TITLES: Final = {
    "ratio": "按完成比例折算",
    "threshold": "达到目标得满分",
    "step": "按超过或者不足的幅度加减",
    "bands": "按档次计分",
    "efficacy": "功效系数法",
    "growth": "增量和增速结合",
    "rank": "按名次计分",
    "deduct": "按次数扣分",
    "levels": "按等级计分",
    "given": "由采集单位评定给分",
}
