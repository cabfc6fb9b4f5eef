"""What a backtest is worth after many tries: deflated Sharpe, overfitting, reality check."""
